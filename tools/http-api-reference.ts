import { readFileSync } from 'node:fs';
import { ERRORS } from '../src/contract/errors.ts';
import { createOpenApi } from '../src/http/openapi/document.ts';
import type { Answer, Operation } from '../src/http/openapi/operation.ts';
import { OPERATIONS } from '../src/http/openapi/operations.ts';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8').trimEnd();

const INTRODUCTION = `# HTTP API

For back ends in any language. [openapi.json](openapi.json) describes it in OpenAPI 3.1, for generators of clients and for browsers of
APIs; a running server has the same at \`GET /api/openapi.json\`.

Requests carry \`Authorization: Bearer TOKEN\`: a JWT, or a session token, whose \`scope\` has \`admin\`. Bodies are JSON, at most 1 MiB.
Times are milliseconds since 1970. Lists come in pages: \`limit\` entries, and \`next\` is the \`cursor\` of the page after it. Errors are
\`application/problem+json\` with a \`code\`, which [errors.md](errors.md) explains:

\`\`\`json
${JSON.stringify(exampleProblem(), null, 2)}
\`\`\`

Every request may be answered so: 401 without a good token, 403 where it has no scope \`admin\`, 400 where a parameter or the body is
wrong, 413 where the body is too large, 415 where it is not JSON, 503 where keys or the state file are out of reach.

The examples below take the server and a token from the environment. In the folder of a server that was started there:

\`\`\`sh
export RTSERVER_URL=http://127.0.0.1:3000
export RTSERVER_TOKEN=$(npx rtserver token --user ops --admin)
\`\`\`
`;

const TAGS: readonly [tag: Operation['tag'], title: string][] = [
  ['Emit', 'Emit'],
  ['Look', 'Look'],
  ['Act', 'Act'],
  ['Operate', 'Operate (no token needed)'],
];

/** `docs/http-api.md` */
export function renderHttpApiReference(): string {
  const sections = TAGS.map(
    ([tag, title]) =>
      `## ${title}\n\n${OPERATIONS.filter((operation) => operation.tag === tag)
        .map(renderOperation)
        .join('\n')}`,
  );
  return [INTRODUCTION, ...sections, renderPrograms()].join('\n');
}

function renderOperation(operation: Operation): string {
  const { method, path, summary, description, answers } = operation;
  const parts = [
    `### \`${method.toUpperCase()} ${path}\``,
    [`${summary}.`, description].filter(Boolean).join(' '),
    renderParameters(operation),
    ...listCurls(operation).map((curl) => `\`\`\`sh\n${curl}\n\`\`\``),
    ...Object.entries(answers).flatMap(([status, answer]) => renderAnswer(status, answer)),
    renderErrors(operation),
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

function renderAnswer(status: string, { description, contentType, example, examples = { '': example } }: Answer) {
  const blocks = Object.entries(examples).flatMap(([name, value], index) => {
    const [language, text] =
      contentType === undefined ? ['json', JSON.stringify(value, null, 2)] : ['text', String(value).trimEnd()];
    return [...(index === 0 ? [] : [`For ${name}:`]), `\`\`\`${language}\n${text}\n\`\`\``];
  });
  return [`**${status}** ${description}`, ...blocks];
}

interface Described {
  parameters?: { name: string; in: string; description?: string; schema: Record<string, unknown> }[];
  responses: Record<string, { description: string; content: Record<string, unknown> }>;
}

const { paths } = createOpenApi() as { paths: Record<string, Record<string, Described>> };
const describedAs = ({ path, method }: Operation) => paths[path]?.[method] as Described;

function renderParameters(operation: Operation): string {
  const { parameters = [] } = describedAs(operation);
  if (parameters.length === 0) return '';
  const rows = parameters.map(({ name, in: where, description = '', schema }) => {
    const { type, minimum, maximum, default: standard } = schema;
    const range =
      minimum === undefined || maximum === undefined || Number(maximum) > 1e6 ? '' : ` ${minimum} to ${maximum}`;
    const fallback = standard === undefined ? '' : `, default ${standard}`;
    return `| \`${name}\` | ${where} | ${type}${range}${fallback} | ${description} |`;
  });
  return ['| parameter | in | type | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function renderErrors({ errors = [] }: Operation): string {
  const lines = errors.map((code) => `\`${code}\` (${ERRORS[code].httpStatus})`);
  return lines.length === 0 ? '' : `Its own errors: ${lines.join(', ')}.`;
}

/** One command an example: what is in braces in a path is a variable of the shell. */
function listCurls({ method, path, isOpen, query, body }: Operation): string[] {
  const filled = path.replace('{userId}', '42').replace('{id}', '$SOCKET_ID');
  const url = `"$RTSERVER_URL${filled}${query?.shape['limit'] === undefined ? '' : '?limit=10'}"`;
  const words = [
    'curl -sS --fail-with-body',
    ...(method === 'delete' ? ['-X DELETE'] : []),
    url,
    ...(isOpen ? [] : ['-H "Authorization: Bearer $RTSERVER_TOKEN"']),
  ].join(' ');
  if (body === undefined) return [words];
  return Object.values(body.examples).map(
    (example) => `${words} \\\n  -H 'Content-Type: application/json' -d '${JSON.stringify(example)}'`,
  );
}

function renderPrograms(): string {
  return `## From Python

\`\`\`python
${read('examples/http/emit.py')}
\`\`\`

## From Go

\`\`\`go
${read('examples/http/emit.go')}
\`\`\`
`;
}

function exampleProblem(): Record<string, unknown> {
  const code = 'PAYLOAD_INVALID';
  return {
    type: `urn:rtserver:error:${code}`,
    title: ERRORS[code].message,
    status: ERRORS[code].httpStatus,
    code,
    detail: 'ttlSeconds: Invalid input: expected number, received string',
    correlationId: '0c8ae5c7-9a0e-4d1c-8d55-2f0f8d1c7c11',
  };
}
