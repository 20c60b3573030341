import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express, type Request, type Response } from 'express';
import type { Authority } from '../auth/authority.ts';
import type { Bus } from '../contract/cluster.ts';
import { correlationIdOf } from '../contract/correlation-id.ts';
import { RtError } from '../contract/errors.ts';
import type { Log } from '../contract/log-names.ts';
import type { StatLimits } from '../contract/stats.ts';
import type { Core } from '../core/core.ts';
import type { Everywhere } from '../core/everywhere.ts';
import { createEntrance, type Handler, setHeaders } from './api-entrance.ts';
import { sendProblem, toProblemError } from './problem.ts';
import { type ProcessWatch, watchProcess } from './process-figures.ts';
import { addClosingRoutes } from './routes/closings.ts';
import { addCredentialRoutes } from './routes/credentials.ts';
import { createEmitRoute } from './routes/emit.ts';
import { addHealthRoutes, type Standing } from './routes/health.ts';
import { addListRoutes } from './routes/lists.ts';
import { addMetricsRoute } from './routes/metrics.ts';
import { addOpenApiRoute } from './routes/openapi.ts';
import { addStatsRoute } from './routes/stats.ts';

export interface HttpContext {
  core: Core;
  everywhere: Everywhere;
  /** The other processes behind the same port. */
  workers: Bus | undefined;
  standing: Standing;
  authority: Authority;
  log: Log;
  readLimits(): StatLimits;
}

export interface HttpApp {
  /** Routes may be added to it at any time; they come after the server's own. */
  readonly app: Express;
  /** Serves one request; `otherwise` gets those that no route takes, in place of an answer 404. */
  handle(request: IncomingMessage, response: ServerResponse, otherwise?: () => void): void;
  close(): void;
}

/** First segments below `/api`. Other paths are not ours, and whoever embeds the server may use them. */
const API_PATHS = ['/emit', '/sockets', '/rooms', '/users', '/refusals', '/events', '/stats', '/sessions', '/tokens'];

/** The HTTP API over a core. */
export function createHttpApp(context: HttpContext): HttpApp {
  const { log, authority, everywhere } = context;
  const watch = watchProcess();
  const enter = createEntrance(authority);
  const emit = createEmitRoute(enter, everywhere);
  const app = createApp(context, watch, enter, emit);

  function fail(request: IncomingMessage, response: ServerResponse, thrown: unknown, correlationId: string): void {
    const { error, status } = toProblemError(thrown);
    const fields = { correlationId, code: error.code, status, method: request.method, path: pathOf(request) };
    if (status >= 500) log.error('request.failed', { ...fields, err: error.cause ?? error });
    else if (status === 401 || status === 403) log.warn('request.failed', { ...fields, ...error.detail });
    if (response.headersSent) response.destroy();
    else sendProblem(request, response, error, status, correlationId);
  }

  return {
    app,
    handle(request, response, otherwise) {
      const correlationId = correlationIdOf(request.headers);
      response.setHeader('X-Correlation-Id', correlationId);
      const next = (thrown?: unknown) => {
        if (thrown !== undefined) fail(request, response, thrown, correlationId);
        else if (otherwise !== undefined) otherwise();
        else fail(request, response, notFound(request), correlationId);
      };
      // Past all routers, which cost more than the emission itself.
      if (request.method === 'POST' && pathOf(request) === '/api/emit') emit(request, response, next);
      else app(request as Request, response as Response, next);
    },
    close: watch.close,
  };
}

function createApp(
  { core, everywhere, workers, standing, authority, readLimits }: HttpContext,
  watch: ProcessWatch,
  enter: Handler,
  emit: Handler,
): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');

  const api = express.Router();
  // For those who mount the app elsewhere, or write the path otherwise.
  api.post('/emit', emit);
  api.use('/openapi.json', setHeaders);
  addOpenApiRoute(api);
  api.use(API_PATHS, enter);
  addListRoutes(api, core, everywhere);
  addStatsRoute(api, core, everywhere, readLimits, watch);
  addClosingRoutes(api, everywhere);
  addCredentialRoutes(api, core, authority);
  app.use('/api', api);

  // After the API: whatever is asked goes past what stands before it.
  app.use(['/healthz', '/readyz', '/metrics'], setHeaders);
  addHealthRoutes(app, core, standing);
  const cluster = everywhere.isClustered ? { isConnected: () => standing.trouble() === undefined } : undefined;
  addMetricsRoute(app, core, { cluster, workers });
  return app;
}

const notFound = (request: IncomingMessage) =>
  new RtError('NOT_FOUND', { reason: `no route ${request.method} ${pathOf(request)}` });

/** Without the query: it may hold what must not be logged. */
const pathOf = ({ url = '' }: IncomingMessage) => url.split('?', 1)[0] ?? '';
