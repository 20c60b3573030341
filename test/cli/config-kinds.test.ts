import { expect, test } from 'vitest';
import { createFolder } from './place.ts';

const ES_MODULES = '{ "type": "module" }';

/** What the introduction of docs/configuration.md says of the kinds of files. */
test.for([
  ['CommonJS in a .js of a package without a type', 'js', 'module.exports = { port: 4001 };', '{}', 4001],
  ['an ES module in a .js', 'js', 'export default { port: 4001 };', ES_MODULES, 4001],
  ['.yml', 'yml', 'port: 4001', ES_MODULES, 4001],
  ['no .cjs', 'cjs', 'module.exports = { port: 4001 };', ES_MODULES, 3000],
  ['no .mts', 'mts', 'export default { port: 4001 };', ES_MODULES, 3000],
] as const)('a configuration is read from %s', async ([, extension, text, manifest, port]) => {
  const { write, run } = createFolder();
  write('package.json', manifest);
  write(`rtserver.config.${extension}`, text);
  const { stdout } = await run(['config', '--json']);
  expect(JSON.parse(stdout).settings).toContainEqual(expect.objectContaining({ key: 'port', value: port }));
});

test('a .cjs that is named is refused', async () => {
  const { write, run } = createFolder();
  write('rt.cjs', 'module.exports = { port: 4001 };');
  expect(await run(['config', '--config', 'rt.cjs'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('must end in one of'),
  });
});
