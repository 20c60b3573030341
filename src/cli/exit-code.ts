/** The exit codes of the contract, and `broken`, which it has no word for. */
export const EXIT = {
  done: 0,
  /** The run's own verdict is a failure. */
  failed: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  /** The program itself is at fault, or what it stands on: no verdict, and nothing that was typed (`EX_SOFTWARE`). */
  broken: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
