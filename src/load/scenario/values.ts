import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../contract/errors.ts';
import { createMatcher } from '../match.ts';
import { isTemplate } from '../template.ts';

/* Each value may also be a template, whose own value is checked when it is there. */

/** With it, a text that does not fit makes the whole union say what would. */
const ABORT = { abort: true } as const;

const template = z.string().regex(/\{\{.*\}\}/s, ABORT);

export const duration = z.union(
  [z.number().min(0), z.string().regex(/^\s*\d+(\.\d+)?\s*(ms|s|m|h|d)?\s*$|\{\{.*\}\}/, ABORT)],
  { error: 'must be a duration such as 500ms or 2s (a bare number is milliseconds), or a template' },
);

/** Artillery's own: a bare number is seconds. */
export const seconds = z.union(
  [z.number().min(0), z.string().regex(/^\s*\d+(\.\d+)?\s*(ms|s|m|h|d)?\s*$|\{\{.*\}\}/, ABORT)],
  { error: 'must be seconds, a duration such as 500ms, or a template' },
);

export const count = z.union([z.int().min(0), template], { error: 'must be a whole number, or a template' });

export const amount = z.union([z.number().min(0), template], { error: 'must be a number, or a template' });

export const text = z.string({ error: 'must be text' }).min(1, 'must not be empty');

export const textOrNumber = z.union([text, z.number()], { error: 'must be text or a number' });

export const flag = z.boolean({ error: 'must be true or false' });

export const anything = z.unknown();

/** What a payload or an answer must have. */
export const match = z.unknown().superRefine((value, context) => {
  try {
    createMatcher(value);
  } catch (error) {
    if (!isTemplate(JSON.stringify(value))) context.addIssue({ code: 'custom', message: (error as Error).message });
  }
});

export const code = z.union([z.enum(Object.keys(ERRORS) as [ErrorCode]), template], {
  error: 'must be a code such as MAX_CONNECTIONS_EXCEEDED',
});

export const transports = z.array(z.enum(['websocket', 'polling'], { error: 'must be websocket or polling' })).min(1);

const listOrTemplate = z.union([z.array(textOrNumber), template], { error: 'must be a list, or a template' });

const targetSet = {
  users: listOrTemplate.optional(),
  rooms: listOrTemplate.optional(),
  sockets: listOrTemplate.optional(),
};

export const except = z.strictObject(targetSet);

export const target = z.union([z.literal('all'), z.strictObject({ ...targetSet, except: except.optional() })], {
  error: 'must be "all", or an object with users, rooms or sockets',
});

export const token = z.union(
  [
    z.enum(['valid', 'expired', 'forged', 'tampered', 'none']),
    z.strictObject({ expiresIn: duration.optional(), claims: z.record(z.string(), z.unknown()).optional() }),
    z.string().regex(/^sess_|^[^.]*\.[^.]*\.[^.]*$|\{\{/, ABORT),
  ],
  { error: 'must be valid, expired, forged, tampered, none, { expiresIn, claims }, or a token' },
);

export const claims = z.record(z.string(), z.unknown());
