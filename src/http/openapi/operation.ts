import type { z } from 'zod';
import type { ErrorCode } from '../../contract/errors.ts';

export interface Answer {
  description: string;
  schema: z.ZodType;
  /** Default `application/json`. */
  contentType?: string;
  example?: unknown;
  /** In place of `example`, where the answer has more than one shape: by what each is. */
  examples?: Readonly<Record<string, unknown>>;
}

/** One route, as the table of `operations.ts` describes it. */
export interface Operation {
  /** `operationId`: the name that generated clients give to it. */
  id: string;
  method: 'get' | 'post' | 'delete';
  /** As OpenAPI writes it: `/api/sockets/{id}`. */
  path: string;
  tag: 'Emit' | 'Look' | 'Act' | 'Operate';
  summary: string;
  description?: string;
  /** May anybody ask, without a token? */
  isOpen?: true;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: { schema: z.ZodType; examples: Readonly<Record<string, unknown>> };
  /** By status. */
  answers: Readonly<Record<number, Answer>>;
  /** The codes that this route may answer beside those that every one with a token or a body does. */
  errors?: readonly ErrorCode[];
}
