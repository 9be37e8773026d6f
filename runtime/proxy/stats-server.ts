/** What the data plane counts, over HTTP: JSON at /stats, /healthz and /livez with 200 or 503; Prometheus' text at /metrics. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { DataPlane } from './data-plane.ts';
import type { ProxyMetrics } from './metrics.ts';

export function serveStats(plane: DataPlane, host: string, port: number): Promise<Server> {
  // Requests that come together share one look.
  const sampled = shared(() => plane.sample?.() ?? Promise.resolve());
  return listen(host, port, ({ url }, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
    };
    if (url === '/stats') {
      sampled().then(
        () => answer(200, { ...plane.stats(), health: plane.health() }),
        (error: Error) => answer(500, { message: error.message }),
      );
    } else if (url === '/healthz') answer(plane.health().healthy ? 200 : 503, plane.health());
    // A restart helps where nothing is served, not where one address is another program's.
    else if (url === '/livez') answer(plane.health().workers > 0 ? 200 : 503, plane.health());
    else answer(404, { message: 'there are /stats, /healthz and /livez' });
  });
}

export function serveMetrics(metrics: ProxyMetrics, host: string, port: number): Promise<Server> {
  const text = shared(() => metrics.text());
  return listen(host, port, ({ url }, response) => {
    if (url !== '/metrics') {
      response.writeHead(404).end('there is /metrics\n');
      return;
    }
    text().then(
      (lines) => response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(lines),
      (error: Error) => response.writeHead(500).end(`${error.message}\n`),
    );
  });
}

/** Who asks while an answer is being made gets the same. */
function shared<T>(make: () => Promise<T>): () => Promise<T> {
  let making: Promise<T> | undefined;
  return () => {
    making ??= make().finally(() => (making = undefined));
    return making;
  };
}

function listen(host: string, port: number, onRequest: RequestListener): Promise<Server> {
  const server = createServer(onRequest);
  const { promise, resolve, reject } = Promise.withResolvers<Server>();
  server.once('error', reject);
  server.listen({ host, port }, () => resolve(server));
  return promise;
}
