/** The event that the checks emit. A server that declares its events must declare it, with a string `id`. */
export const CHECK_EVENT = 'rtserver:check';

/** What the checks ask the application of `application.ts`, where the server runs it. */
export const APPLICATION_EVENT = 'rtserver:check:application';
