import { defineConfig } from 'rtserver';
import { chat, events } from './chat.ts';

/** `npx rtserver start --config examples/rtserver.config.ts`: a server with chat rooms. */
export default defineConfig({
  events,
  modules: [chat],
});
