import { readFileSync } from 'node:fs';
import { createAdminClient } from '../../src/client/admin.ts';
import { Recorder } from '../../src/load/recorder.ts';
import { checkFile } from '../../src/load/scenario/check-file.ts';
import type { Host } from '../../src/load/stage.ts';
import { surveyServer } from '../../src/load/survey.ts';
import { render } from '../../src/load/template.ts';
import { makeToken, type TokenMaker } from '../../src/load/tokens.ts';
import { createPlay } from '../../src/load/virtual-user.ts';

export interface Played {
  passed: string[];
  failed: string[];
  /** The first failure of each check, in words. */
  examples: Record<string, string>;
  notes: string[];
  answers: string[];
}

export interface PlayTarget {
  url: string;
  secret: string;
}

/** Plays the scenarios of a text as `rtserver load` does, in this process and without Artillery. */
async function playText(text: string, { url, secret }: PlayTarget, variables: object = {}): Promise<Played> {
  const { file, problems } = checkFile(text);
  if (file === undefined) throw new Error(problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  const tokens: TokenMaker = { kind: 'secret', secret, algorithm: 'HS256' };
  const target = { url, path: '/socket.io' };
  const recorder = new Recorder();
  const host: Host = {
    ...{ target, tokens, recorder },
    admin: createAdminClient({ url, token: () => makeToken(tokens, 'test', { claims: { scope: 'admin' } }) ?? '' }),
    log: () => {},
    call: async () => {},
  };
  const known = { ...file.config.variables, ...(await surveyServer(target, tokens)), ...variables };
  const scope = render(known, known);
  for (const { name, flow } of file.scenarios) {
    await createPlay({ name: file.scenarios.length > 1 ? name : undefined, flow })(host, scope);
  }
  const { checks, notes, answers } = recorder.drain();
  const names = Object.keys(checks);
  const hasFailed = (name: string) => (checks[name]?.failed ?? 0) > 0;
  return {
    passed: names.filter((name) => !hasFailed(name)),
    failed: names.filter(hasFailed),
    examples: Object.fromEntries(names.filter(hasFailed).map((name) => [name, checks[name]?.examples[0] ?? ''])),
    notes,
    answers,
  };
}

/** A file of `scenarios/`. */
export function playFile(name: string, target: PlayTarget, variables: object = {}): Promise<Played> {
  return playText(readScenario(name), target, variables);
}

export function readScenario(name: string): string {
  return readFileSync(new URL(`../../scenarios/${name}.yml`, import.meta.url), 'utf8');
}

/** One scenario, as the lines of its flow. */
export function playSteps(flow: readonly unknown[], target: PlayTarget, variables: object = {}): Promise<Played> {
  return playText(JSON.stringify({ scenarios: [{ engine: 'rtserver', flow }] }), target, variables);
}
