import type { StandardSchemaV1 } from '@standard-schema/spec';
import { RtError } from '../contract/errors.ts';

/**
 * What a schema makes of a validation: the value with defaults and transformations applied.
 *
 * @throws RtError `PAYLOAD_INVALID` with what the schema says in `detail.reason`, and the field at fault in `detail.field`
 */
export function unwrapResult<Output>(result: StandardSchemaV1.Result<Output>): Output {
  if (result.issues === undefined) return result.value;
  const [issue] = result.issues;
  const path = issue?.path?.map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
  const reason = [path, issue?.message].filter(Boolean).join(': ');
  throw new RtError('PAYLOAD_INVALID', { reason, field: path || '(the payload itself)' });
}
