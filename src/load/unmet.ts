/** What should have happened and did not, in words for the verdict. */
export class Unmet extends Error {
  override readonly name = 'Unmet';
}
