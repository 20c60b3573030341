import { z } from 'zod';
import { RtError } from '../contract/errors.ts';
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from '../contract/resources.ts';

/** @throws RtError `PAYLOAD_INVALID` that names the field at fault */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.map(String).join('.');
  throw new RtError('PAYLOAD_INVALID', { reason: [where, issue?.message].filter(Boolean).join(': ') });
}

export const userId = z.string().min(1).max(128);

/** Query parameters of a list. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT).describe('entries of a page'),
});
