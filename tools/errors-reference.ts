import { ERRORS, type ErrorCode } from '../src/contract/errors.ts';
import { ERROR_TEXTS } from './error-texts.ts';

const INTRODUCTION = `# Error codes

The same code means the same thing wherever it stands: in \`err.data.code\` of a \`connect_error\`, in \`closing\`, in an
acknowledgement \`{ ok: false, error: { code, message } }\`, in an \`application/problem+json\` answer, in an \`RtError\` of the
library, in the log and the metrics. Programs act on the code, never on the message. *Retry* says whether the same client may
try again later without changing anything; *HTTP* is the status of an answer that carries the code.

| code | message | retry | HTTP | cause | what to do |
| --- | --- | --- | --- | --- | --- |
`;

/** `docs/errors.md` */
export function renderErrorsReference(): string {
  const rows = (Object.keys(ERRORS) as ErrorCode[]).map((code) => {
    const { message, retry, httpStatus } = ERRORS[code];
    const { cause, action } = ERROR_TEXTS[code];
    return `| \`${code}\` | ${message} | ${retry ? 'yes' : 'no'} | ${httpStatus} | ${cause} | ${action} |\n`;
  });
  return INTRODUCTION + rows.join('');
}
