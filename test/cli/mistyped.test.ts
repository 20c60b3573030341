import { describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import { runMain } from './run-main.ts';

const SECRET = 'a-secret-that-no-message-may-show-1';

type Case = readonly [words: string, message: string | RegExp];

/** Typed with the help of quotes where a word has spaces. */
const split = (words: string) =>
  [...words.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

async function expectMistake(words: string, message: string | RegExp): Promise<void> {
  // Nowhere to go: a mistake must be found before anything is asked.
  const env = { RTSERVER_URL: 'http://127.0.0.1:9', RTSERVER_SECRET: SECRET };
  const { code, stdout, stderr } = await runMain(split(words), { env });
  expect(stderr).toMatch(message);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error: /);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr).not.toContain(SECRET);
}

describe('a mistyped word is refused with exit code 2 and the word that was meant:', () => {
  test.for<Case>([
    ['strat', /unknown command 'strat'\n\(Did you mean start\?\)\nTry: rtserver --help\n$/],
    ['help jion', /unknown command 'jion'\n\(Did you mean join\?\)/],
    ['xyzzyx', /^error: unknown command 'xyzzyx'\nTry: rtserver --help\n$/],
    ['--verison', /unknown option '--verison'\n\(Did you mean --version\?\)/],
    ['start --prot 1', /unknown option '--prot'\n\(Did you mean --port\?\)\nTry: rtserver start --help\n$/],
    ['token --usr 42', /\(Did you mean --user\?\)\nTry: rtserver token --help/],
    ['token verfy x', /Did you mean "verify"\?/],
    ['token 42', /token does not take "42"\. The user is a flag: --user ID\./],
    ['token verify x --jsn', /\(Did you mean --json\?\)/],
    ['join --usre 42', /\(Did you mean --user\?\)/],
    ['emit --rom a', /\(Did you mean --room\?\)/],
    ['ls socket', /must be one of sockets, rooms, users, refusals, events\. Did you mean "sockets"\?/],
    ['kick --usr 42', /\(Did you mean --user\?\)/],
    ['session creat', /unknown command 'creat'\n\(Did you mean create\?\)/],
    ['session create --usr 42', /\(Did you mean --user\?\)\nTry: rtserver session create --help/],
  ])('%s', ([words, message]) => expectMistake(words, message));
});

describe('a bad value of a flag is named with what would be right:', () => {
  test.for<Case>([
    ['start --port 65536', /--port <port>.*'65536'.* 0 \(any free port\) to 65535/],
    ['start --port -1', /--port/],
    ['start --port 3e3', /whole number/],
    ['start --max-connections-per-user 0', /at least 1/],
    ['start --max-connections-per-user many', /whole number/],
    [
      'start --heartbeat-timeout soon',
      /^error: --heartbeat-timeout: heartbeat\.timeout must be a duration.*got "soon"/,
    ],
    ['start --heartbeat-source pong', /--heartbeat-source: heartbeat\.source .*got "pong"/],
    ['start --log-level loud', /--log-level: log\.level .*got "loud"/],
    ['start --log-format xml', /--log-format: log\.format .*got "xml"/],
    ['start --origin https://a.example/path', /--origin: cors\.origins\.0 must be an origin such as .*without a path/],
    ['start --tls-cert cert.pem', /tls\.key is missing: a certificate and its key go together/],
    ['start --port 0 --tls-cert no.pem --tls-key no.pem', /no\.pem/],
    ['start extra', /too many arguments/],
    ['start --tui', /--tui/],
    ['token --user', /argument missing/],
    [`token --user ''`, /1 to 128 characters/],
    [`token --user ${'u'.repeat(129)}`, /1 to 128 characters/],
    ['token --user 42 --expires-in 1week', /must be a duration such as/],
    ['token --user 42 --expires-in 0', /must be a duration such as/],
    [`token --user 42 --claims '{"a":}'`, /--claims is not valid JSON: line 1, column 6/],
    ['token --user 42 --claims []', /--claims must be a JSON object/],
    [`token --user 42 --claims '{"sub":"7"}'`, /must not hold "sub": it is set by --user/],
    [`token --user 42 --claims '{"exp":7}'`, /must not hold "exp": it is set by --expires-in/],
    [`token --user 42 --room a --claims '{"rooms":["b"]}'`, /keep one of them/],
    ['token verify', /missing required argument 'token'\nTry: rtserver token verify --help/],
    ['join --user 42 --count 0', /at least 1/],
    ['join --user 42 --count 1.5', /whole number/],
    ['join --user 42 --duration forever', /duration such as/],
    [`join 'a b' --user 42`, /none of them a space or a control character/],
    [`join ${'r'.repeat(129)} --user 42`, /1 to 128 characters/],
    ['join protocol: --user 42', /id of the protocol is missing: it must be protocol:<id>/],
    ['emit --room protocol: --event a', /id of the protocol is missing/],
    ['join --user 42 --url nowhere', /must be a URL such as http:\/\/127\.0\.0\.1:3000/],
    ['join --user 42 --url ftp://a.example', /must be a URL/],
    ['join protocol:1 protocol:2 --user 42', /one protocol room at a time: protocol:1 and protocol:2/],
    ['join lobby', /say as whom: --user ID, or --token TOKEN/],
    ['join --user 42 --url http://me:hidden@127.0.0.1:9', /^error: --url must hold no user and password(?!.*hidden)/s],
    ['ls users --url http://me:hidden@127.0.0.1:9', /^error: --url must hold no user and password(?!.*hidden)/s],
    ['token eyJhbGciOi.hidden.hidden', /^error: to look at a token, say so: rtserver token verify TOKEN\n$/],
    ['session revoke -', /^error: there is no token to revoke: it is empty\n$/],
    [`session revoke ''`, /^error: there is no token to revoke: it is empty\n$/],
    [`token verify ''`, /^error: there is no token to verify: it is empty\n$/],
    ['ls', /missing required argument/],
    ['ls sockets rooms', /too many arguments/],
    ['ls sockets --limit 0', /at least 1/],
    ['ls users --user 42', /--user is no filter of users: it is one of sockets/],
    ['ls rooms --room a', /--room is no filter of rooms: it is one of sockets/],
    ['ls sockets --prefix a', /--prefix is no filter of sockets: it is one of rooms/],
    ['ls events --limit 3', /--limit is no filter of events/],
    ['kick', /either --user ID or --socket ID/],
    ['kick --user 42 --socket x', /--user ID or --socket ID, not both/],
    ['session create', /whose session: --user ID/],
    ['session create --user 42 --expires-in x', /duration such as/],
    ['session create --user 42 --claims 7', /JSON object/],
    ['session revoke', /either a TOKEN or --user ID/],
    ['session revoke sess_x --user 42', /either a TOKEN or --user ID/],
  ])('%s', ([words, message]) => expectMistake(words, message));
});

test('a real process that was mistyped ends with exit code 2 as well, and says so on stderr alone', async () => {
  const { code, stdout, stderr } = await runCli(['start', '--prot', '1']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Did you mean --port?');
});

test('session without a word for what to do shows its help, on stderr', async () => {
  const { code, stdout, stderr } = await runCli(['session']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/create .*\n.*revoke /);
});
