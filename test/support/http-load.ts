/** Good endpoints of HTTP, and a load of requests on a data plane that leads to them, counted. */
import { createServer, request, type Server } from 'node:http';
import type { BackendEndpoint } from '../../core/index.ts';
import { endpointAt } from './proxied.ts';

export const BODY = 'x'.repeat(10_000);

/** Three of them, that answer with BODY. */
export async function goodServer(): Promise<{ server: Server; endpoints: BackendEndpoint[] }> {
  const server = createServer((_request, response) => response.end(BODY));
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const { port } = server.address() as { port: number };
  return { server, endpoints: [1, 2, 3].map((n) => endpointAt(`127.0.3.${n}`, port)) };
}

/** Whether a whole and right response came. */
function ask({ host, port }: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request({ host, port, agent: false }, (response) => {
      let length = 0;
      response.on('data', (chunk: Buffer) => (length += chunk.length));
      response.on('end', () => resolve(response.statusCode === 200 && length === BODY.length));
      response.on('error', () => resolve(false));
    });
    sent.on('error', () => resolve(false)).end();
  });
}

/** Requests of one load. */
export const REQUESTS = 120;

/** REQUESTS of them, by eight clients at once. */
export async function load(port: { host: string; port: number }): Promise<{ whole: number; failed: number }> {
  const counts = { whole: 0, failed: 0 };
  let left = REQUESTS;
  const client = async (): Promise<void> => {
    while (left-- > 0) counts[(await ask(port)) ? 'whole' : 'failed']++;
  };
  await Promise.all(Array.from({ length: 8 }, client));
  return counts;
}
