import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../contract/errors.ts';
import { VERSION } from '../../contract/version.ts';
import { emission } from '../routes/emit.ts';
import {
  emitResult,
  emitted,
  eventInfo,
  notEmitted,
  problem,
  recipientAck,
  refusalInfo,
  roomInfo,
  socketInfo,
  stats,
  userInfo,
} from './answers.ts';
import type { Answer, Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';

type Json = Record<string, unknown>;

/** Schemas with a name of their own; the others are written where they are used. */
const NAMED = {
  ...{
    Emission: emission,
    Emitted: emitted,
    NotEmitted: notEmitted,
    EmitResult: emitResult,
    RecipientAck: recipientAck,
  },
  ...{ SocketInfo: socketInfo, RoomInfo: roomInfo, UserInfo: userInfo, RefusalInfo: refusalInfo, EventInfo: eventInfo },
  ...{ Stats: stats, Problem: problem },
};

const TAGS = {
  Emit: 'Send events to clients.',
  Look: 'Who and what is there.',
  Act: 'Close connections; create and revoke credentials.',
  Operate: 'For whoever watches the process. These need no token.',
} as const satisfies Record<Operation['tag'], string>;

/** What every route with a token may answer, and every one with a body. */
const TOKEN_ERRORS = [
  ...(['UNAUTHENTICATED', 'TOKEN_INVALID', 'TOKEN_EXPIRED', 'TOKEN_REVOKED'] as const),
  ...(['SESSION_INVALID', 'FORBIDDEN'] as const),
];
const BODY_ERRORS: readonly [status: number, description: string][] = [
  [413, 'The body is larger than 1 MiB (`PAYLOAD_INVALID`).'],
  [415, 'The body is not `application/json` in UTF-8 (`PAYLOAD_INVALID`).'],
];

/** The description of the HTTP API in OpenAPI 3.1. */
export function createOpenApi(): Json {
  const named = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) named.add(schema, { id });
  const paths: Record<string, Json> = {};
  for (const operation of OPERATIONS) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation, named) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'rtserver',
      version: VERSION,
      summary: 'The HTTP API of rtserver, for back ends in any language.',
      description:
        'Requests carry `Authorization: Bearer TOKEN`, a JWT or session token whose `scope` claim has `admin`. Errors are `application/problem+json` (RFC 9457) with a `code`; programs act on the code. Times are milliseconds since 1970. Later versions may add fields.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The server that gave this description.' }],
    security: [{ bearer: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: '`scope` has `admin`.' } },
      schemas: describeNamed(named),
    },
  };
}

const SCHEMAS = '#/components/schemas/';
const LOOKS = { io: 'input', unrepresentable: 'any' } as const;

type Named = z.core.$ZodRegistry<{ id: string }>;

function describe(operation: Operation, named: Named): Json {
  const { id, tag, summary, description, isOpen, body, answers } = operation;
  const parameters = [...describeParameters(operation.params, 'path'), ...describeParameters(operation.query, 'query')];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    ...(isOpen && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: toJsonSchema(body.schema, named),
            examples: describeExamples(body.examples),
          },
        },
      },
    }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, describeAnswer(answer, named)])),
      ...describeErrors(operation),
    },
  };
}

function describeAnswer(
  { description, schema, contentType = 'application/json', example, examples }: Answer,
  named: Named,
): Json {
  const shown = examples === undefined ? { example } : { examples: describeExamples(examples) };
  return { description, content: { [contentType]: { schema: toJsonSchema(schema, named), ...shown } } };
}

function describeExamples(examples: Readonly<Record<string, unknown>>): Json {
  return Object.fromEntries(Object.entries(examples).map(([name, value]) => [toKey(name), { summary: name, value }]));
}

/** The statuses of the errors, each with its codes; `default` stands for what no caller can do anything about. */
function describeErrors({ isOpen, query, body, errors = [] }: Operation): Json {
  const content = { 'application/problem+json': { schema: { $ref: `${SCHEMAS}Problem` } } };
  const codes: ErrorCode[] = [
    ...(isOpen ? [] : TOKEN_ERRORS),
    ...(query === undefined && body === undefined ? [] : (['PAYLOAD_INVALID'] as const)),
    ...errors,
  ];
  const described: Record<string, Json> = {};
  for (const code of codes) {
    const { httpStatus, message } = ERRORS[code];
    const before = described[httpStatus]?.['description'];
    const line = `\`${code}\`: ${message}.`;
    described[httpStatus] = { description: before === undefined ? line : `${before} ${line}`, content };
  }
  if (body !== undefined) for (const [status, description] of BODY_ERRORS) described[status] = { description, content };
  return { ...described, default: { description: 'Any other error.', content } };
}

function describeParameters(object: z.ZodObject | undefined, where: 'path' | 'query'): Json[] {
  if (object === undefined) return [];
  const { properties = {} } = z.toJSONSchema(object, LOOKS);
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = property as Json;
    return { name, in: where, required: where === 'path', ...(description !== undefined && { description }), schema };
  });
}

/** Bodies as they are sent. Objects of answers stay open in the description: later versions may add fields to them. */
function toJsonSchema(schema: z.ZodType, named: Named): Json {
  const { $schema: _dialect, $defs: _named, ...json } = z.toJSONSchema(schema, { ...LOOKS, metadata: named });
  return JSON.parse(JSON.stringify(json).replaceAll('#/$defs/', SCHEMAS)) as Json;
}

function describeNamed(named: Named): Json {
  const { schemas } = z.toJSONSchema(named, { ...LOOKS, uri: (id) => `${SCHEMAS}${id}` });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _dialect, $id: _id, ...json }]) => [id, json]),
  );
}

const toKey = (name: string) => name.replaceAll(/\W+/g, '-');
