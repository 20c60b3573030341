import { chat, events } from './chat.ts';

/** `npx rtserver start --config examples/rtserver.config.ts`: a server with chat rooms. */
export default {
  events,
  modules: [chat],
};
