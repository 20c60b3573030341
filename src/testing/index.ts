export {
  type ConnectAsOptions,
  createTestServer,
  type TestServer,
  type TestServerOptions,
} from './create-test-server.ts';
export { type NextEventOptions, nextEvent } from './next-event.ts';
export type { TestTokenOptions } from './test-tokens.ts';
