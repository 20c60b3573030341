// The flags of a measurement, and one line for what is wrong with them.
import { parseArgs } from 'node:util';

/**
 * @param {import('node:util').ParseArgsConfig['options']} options
 * @param {string} usage printed for `--help`
 */
export function readFlags(options, usage) {
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h', default: false } } });
    if (!values.help) return values;
  } catch (error) {
    refuse(error.message.split('. ')[0]);
  }
  process.stdout.write(`${usage}\n`);
  process.exit();
}

/** @param {string} problem @returns {never} */
export function refuse(problem) {
  process.stderr.write(`error: ${problem}\nTry: --help\n`);
  process.exit(2);
}
