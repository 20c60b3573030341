import type { Router } from 'express';

/** The description of the API; open to all. Made when somebody asks for it: most processes are never asked. */
export function addOpenApiRoute(router: Router): void {
  let description: Promise<object> | undefined;
  router.get('/openapi.json', async (_request, response) => {
    description ??= import('../openapi/document.ts').then(({ createOpenApi }) => createOpenApi());
    response.json(await description);
  });
}
