/** What the data plane counts, over HTTP as JSON: /stats, and /healthz with 200 or 503. */
import { createServer, type Server } from 'node:http';
import type { DataPlane } from './data-plane.ts';

export function serveStats(plane: DataPlane, host: string, port: number): Promise<Server> {
  // Requests that come together share one look.
  let sampling: Promise<void> | undefined;
  const sampled = (): Promise<void> => {
    sampling ??= (plane.sample?.() ?? Promise.resolve()).finally(() => (sampling = undefined));
    return sampling;
  };
  const server = createServer(({ url }, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
    };
    if (url === '/stats') {
      sampled().then(
        () => answer(200, { ...plane.stats(), health: plane.health() }),
        (error: Error) => answer(500, { message: error.message }),
      );
    } else if (url === '/healthz') answer(plane.health().healthy ? 200 : 503, plane.health());
    else answer(404, { message: 'there are /stats and /healthz' });
  });
  const { promise, resolve, reject } = Promise.withResolvers<Server>();
  server.once('error', reject);
  server.listen({ host, port }, () => resolve(server));
  return promise;
}
