import type { StandardSchemaV1 } from '@standard-schema/spec';
import { RtError } from '../contract/errors.ts';

/**
 * What a schema makes of a validation: the value with defaults and transformations applied.
 *
 * @throws RtError `PAYLOAD_INVALID` that names the field at fault, never its value
 */
export function unwrapResult<Output>(result: StandardSchemaV1.Result<Output>): Output {
  if (result.issues === undefined) return result.value;
  const [issue] = result.issues;
  const path = issue?.path?.map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
  throw new RtError('PAYLOAD_INVALID', { reason: [path, issue?.message].filter(Boolean).join(': ') });
}
