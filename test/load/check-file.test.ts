import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkFile, type ScenarioFile } from '../../src/load/scenario/check-file.ts';
import { checkTemplates } from '../../src/load/scenario/check-templates.ts';
import { createJsonSchema } from '../../src/load/scenario/json-schema.ts';
import { readScenario } from './play-file.ts';

const scenarios = readdirSync(new URL('../../scenarios', import.meta.url))
  .filter((name) => name.endsWith('.yml'))
  .map((name) => name.replace('.yml', ''));

/** The problems of a flow, as `line: message`; its first step stands in line 4. */
function problemsOf(flow: string, config = ''): string[] {
  const text = `scenarios:\n  - engine: rtserver\n    flow:\n${flow.replace(/^/gm, '      ')}\n${config}`;
  return checkFile(text).problems.map(({ line, message }) => `${line}: ${message}`);
}

describe('a mistake is named with its line:', () => {
  test.for([
    ['a step that does not exist', '- conect: { user: a }', '4: there is no step "conect". Did you mean "connect"?'],
    [
      'a bare one',
      '- connect: { user: a }\n- disconect',
      '5: there is no step "disconect". Did you mean "disconnect"?',
    ],
    ['a misspelt key', '- connect: { user: a, cuont: 3 }', '4: connect has no key "cuont". Did you mean "count"?'],
    ['a missing key', '- connect: { user: a }\n- emit: { payload: 1 }', '5: emit needs "event"'],
    [
      'a misspelt key further in',
      '- connect:\n    user: a\n    expect:\n      refusd: FORBIDDEN',
      '7: connect: "expect" has no key "refusd". Did you mean "refused"?',
    ],
    [
      'a code that does not exist',
      '- connect: { user: a, expect: { refused: MAX_CONECTIONS_EXCEEDED } }',
      '4: connect: "expect.refused" must be a code such as MAX_CONNECTIONS_EXCEEDED, not "MAX_CONECTIONS_EXCEEDED". Did you mean "MAX_CONNECTIONS_EXCEEDED"?',
    ],
    [
      'a duration that is none',
      '- connect: { user: a }\n- silence: { for: a while }',
      '5: silence: "for" must be a duration such as 500ms or 2s (a bare number is milliseconds), or a template, not "a while".',
    ],
    [
      'a socket that nobody connects',
      '- connect: { user: a }\n  as: alice\n- receive: { event: x }\n  as: alcie',
      '7: no step before this one connects a socket as "alcie". Did you mean "alice"?',
    ],
    [
      'a key one level too high',
      '- connect: { user: a }\n- emit: { event: x }\n  ack: {}',
      '6: there is no key "ack" beside emit. It belongs one level deeper, under emit.',
    ],
    [
      'a pattern that cannot be read',
      '- connect: { user: a }\n- receive: { event: x, match: { n: /(/ } }',
      '5: receive: "match" is wrong: /(/ is no pattern: Unterminated group, not {"n":"/(/"}.',
    ],
    ['a step in a loop', '- loop:\n    - thikn: 1\n  count: 2', '5: there is no step "thikn". Did you mean "think"?'],
    ['two steps in one', '- { connect: { user: a }, think: 1 }', '4: one step each: connect and think are two'],
    ['a step without its value', '- connect: { user: a }\n- join:', '5: join needs room, refused'],
  ])('%s', ([, flow = '', problem]) => {
    expect(problemsOf(flow)).toEqual([problem]);
  });

  test('a phase that would start virtual users without end', () => {
    expect(problemsOf('- think: 1', 'config:\n  phases:\n    - arrivalCount: 5')).toEqual([
      '7: a phase with arrivalCount needs a duration: without it, Artillery starts virtual users without end',
    ]);
  });

  test('a key of config that does not exist', () => {
    expect(problemsOf('- think: 1', 'config:\n  phasse: []')).toEqual([
      '6: config has no key "phasse". Did you mean "phases"?',
    ]);
  });

  test('YAML that cannot be read', () => {
    expect(checkFile('scenarios: [').problems).toHaveLength(1);
  });

  test('aliases that would fill the memory', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [of, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg']) {
      lines.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${of}`).join(', ')}]`);
    }
    expect(checkFile(`${lines.join('\n')}\nscenarios: *g\n`).problems).toMatchObject([
      { message: expect.stringContaining('alias') },
    ]);
  });

  test('something that holds itself', () => {
    expect(checkFile('a: &a [*a]\nscenarios: *a\n').problems.length).toBeGreaterThan(0);
  });

  test('something that is no scenario at all, and only its beginning is shown', () => {
    const [problem] = checkFile('\u0001binary'.repeat(1_000)).problems;
    expect(problem?.message).toMatch(/^the file must be an object, not "\\u0001binary/);
    expect(problem?.message.length).toBeLessThan(300);
  });

  test('an empty file', () => {
    expect(checkFile('').problems).toEqual([{ line: 1, column: 1, message: 'the file needs "scenarios"' }]);
  });
});

describe('a threshold on a metric that nobody counts is refused, with the one that was meant:', () => {
  const ensure = (text: string, more = '') =>
    problemsOf('- connect: { user: a }', `config:\n  ensure: ${text}\n${more}`);

  test.for([
    ['a threshold', '{ thresholds: [{ rtserver.ack_ms.p59: 9 }] }', 'rtserver.ack_ms.p59', 'rtserver.ack_ms.p50'],
    ['a condition', '{ conditions: [{ expression: vusers.create > 1 }] }', 'vusers.create', 'vusers.created'],
    [
      'a check',
      '{ conditions: [{ expression: rtserver.check.the-socket-conects.failed == 0 }] }',
      'rtserver.check.the-socket-conects.failed',
      'rtserver.check.the-socket-connects.failed',
    ],
  ] as const)('%s', ([, text, strange, meant]) => {
    expect(ensure(text)).toEqual([`6: there is no metric "${strange}". Did you mean "${meant}"?`]);
  });

  test('but not one whose name ends with what only the run knows, nor a difference of two', () => {
    const expression = '"rtserver.connects-rtserver.refusals + errors.x + vusers.created_by_name.a > max(1, 2)"';
    expect(ensure(`{ conditions: [{ expression: ${expression} }] }`)).toEqual([]);
  });

  test('but not one that may come from elsewhere', () => {
    const text = '{ thresholds: [{ http.response_time.p95: 9 }] }';
    expect(ensure(text)).toEqual(['6: there is no metric "http.response_time.p95".']);
    expect(ensure(text, '  processor: ./p.mjs')).toEqual([]);
  });

  test('and two in one entry, of which Artillery sees the first', () => {
    expect(ensure('{ thresholds: [{ vusers.failed: 1, vusers.skipped: 1 }] }')[0]).toContain('must be one metric');
  });
});

describe('what a variable makes of a template is checked before anything runs:', () => {
  const FILE = `config:
  variables: { n: 3, word: abc, list: [1, 2], twice: '{{ n * 2 }}' }
scenarios:
  - engine: rtserver
    flow:
      - connect: { user: '{{ word }}', count: '{{ n }}', within: '{{ n }}s' }
      - loop:
          - emit: { event: '{{ n }}', ack: { within: '{{ wait }}' } }
          - silence: { for: '{{ $loopCount }}' }
        count: '{{ twice }}'
      - connect: { user: '{{ each }}', count: '{{ connectionsPerUser }}' }
      - loop: [disconnect]
        over: '{{ list }}'
        loopElement: each
`;
  const problems = (given: object, text = FILE) => {
    const { file } = checkFile(text);
    return checkTemplates(text, file as ScenarioFile, { wait: 5, ...given }).map(
      ({ line, message }) => `${line}: ${message}`,
    );
  };

  test('nothing is wrong with what fits', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ n: '4', word: 7, wait: '2s', twice: '8' })).toEqual([]);
  });

  test.for([
    [{ n: 'many' }, '6: connect: "count" must be a whole number, and {{ n }} is "many"'],
    [
      { n: 'many' },
      '6: connect: "within" must be a duration such as 500ms or 2s (a bare number is milliseconds), and {{ n }}s is "manys"',
    ],
    [{ n: -1 }, '6: connect: "count" must be at least 0, and {{ n }} is -1'],
    [{ n: 1.5 }, '6: connect: "count" must be a whole number, and {{ n }} is 1.5'],
    [
      { wait: 'soon' },
      '8: emit: "ack.within" must be a duration such as 500ms or 2s (a bare number is milliseconds), and {{ wait }} is "soon"',
    ],
    [{ twice: 'abc' }, '10: loop: "count" must be a whole number, and {{ twice }} is "abc"'],
  ] as const)('%j', ([given, problem]) => {
    expect(problems(given)).toContain(problem);
  });

  test('a name that nobody gives, and an expression that is none', () => {
    expect(problems({}, FILE.replace('{{ word }}', '{{ wrod }}'))).toEqual([
      '6: there is no variable "wrod". Did you mean "word"?',
    ]);
    expect(problems({}, FILE.replace('{{ n * 2 }}', '{{ n * }}'))).toContain('2: {{ n * }} ends too early');
  });

  test('but functions and rows of a file may bring names of their own', () => {
    expect(
      problems({}, FILE.replace('{{ word }}', '{{ row }}').replace('config:', 'config:\n  payload: x.csv')),
    ).toEqual([]);
  });
});

test('every way to write a step is accepted', () => {
  const flow = [
    "- connect: { user: '{{ $uuid }}', count: '{{ n }}', token: { expiresIn: 2s } }",
    "- connect: { user: 7, expect: { refused: '{{ code }}' }, as: inside }",
    '- join: lobby',
    '- join: { room: lobby, refused: ROOM_FORBIDDEN }\n  as: inside',
    '- switch: 7',
    '- emit: { event: x, payload: [1, null], ack: }',
    '- publish: { event: x, to: all }',
    '- silence: { for: 500 }',
    '- disconnect',
    '- reconnect:',
    '- think: 1.5',
    '- log: hello',
    '- parallel:\n    - think: 1\n    - think: 500ms',
    '- loop:\n    - think: 1\n  over: [a, b]',
  ];
  expect(problemsOf(flow.join('\n'))).toEqual([]);
});

test.for([
  '- think: 1',
  '- publish: { event: x, to: all }',
  '- function: mayThrow',
  '- connect: { user: a, abandon: true }\n- join: lobby',
])('%j expects nothing, and is accepted: it may fail all the same', (flow) => {
  expect(problemsOf(flow)).toEqual([]);
});

test('and so is one of another engine alone', () => {
  const config = 'config: { phases: [{ duration: 1, arrivalCount: 1 }] }';
  const text = `${config}\nscenarios: [{ engine: http, flow: [{ get: { url: / } }] }]\n`;
  expect(checkFile(text).problems).toEqual([]);
});

test.for(scenarios)('scenarios/%s.yml is a sound file and begins with a question', (name) => {
  const { file, problems } = checkFile(readScenario(name));
  expect(problems).toEqual([]);
  expect(file?.question).toMatch(/\?$/);
  expect(readScenario(name)).toContain('# yaml-language-server: $schema=./schema.json');
});

test('the schema for editors is the one that files are checked by', async () => {
  // After a change: npx vitest run --project all test/load/check-file.test.ts -u
  await expect(`${JSON.stringify(createJsonSchema(), null, 2)}\n`).toMatchFileSnapshot('../../scenarios/schema.json');
});
