/**
 * Health check node ports: a load balancer asks each node whether to send it the traffic of a Service with
 * externalTrafficPolicy Local, at a port that is the Service's alone. Any path is answered, as kube-proxy does.
 * Source: Kubernetes v1.36, pkg/proxy/healthcheck/service_health.go.
 */
import { createServer, type Server } from 'node:http';
import {
  type EndpointSlice,
  type HealthAnswer,
  healthAnswer,
  namespaceOf,
  type Problem,
  SERVICE_NAME_LABEL,
  type Service,
} from '../../core/index.ts';
import type { Feed } from './feed.ts';

export interface HealthCheckOptions {
  /** Where the ports are served; all addresses where there is none. */
  readonly host: string | undefined;
  /** Whether this proxy serves at all. */
  proxyHealthy(): boolean;
}

interface Open {
  readonly server: Server;
  answer: () => HealthAnswer;
}

export class HealthCheckPorts {
  readonly #options: HealthCheckOptions;
  readonly #open = new Map<number, Open>();
  #busy: Promise<unknown> = Promise.resolve();

  constructor(options: HealthCheckOptions) {
    this.#options = options;
  }

  /** The ports that answer now. */
  get ports(): readonly number[] {
    return [...this.#open.keys()];
  }

  /** Ports that stay are not closed in between. Resolves with those that could not be had. */
  set(feed: Pick<Feed, 'table' | 'slices' | 'place'>): Promise<Problem[]> {
    const done = this.#busy.then(() => this.#set(feed));
    this.#busy = done;
    return done;
  }

  async close(): Promise<void> {
    await this.#busy;
    for (const port of this.#open.keys()) this.#close(port);
  }

  async #set({ table, slices, place }: Pick<Feed, 'table' | 'slices' | 'place'>): Promise<Problem[]> {
    const { healthChecks } = table;
    for (const port of this.#open.keys()) if (!healthChecks.has(port)) this.#close(port);
    if (healthChecks.size === 0) return [];
    const slicesOf = Map.groupBy(slices, serviceOfSlice);
    const problems: Problem[] = [];
    for (const [port, service] of healthChecks) {
      const own = slicesOf.get(nameOf(service)) ?? [];
      const answer = (): HealthAnswer => healthAnswer(service, own, place, this.#options.proxyHealthy());
      const open = this.#open.get(port);
      if (open) open.answer = answer;
      else problems.push(...(await this.#listen(port, service, answer)));
    }
    return problems;
  }

  async #listen(port: number, service: Service, answer: () => HealthAnswer): Promise<Problem[]> {
    const server = createServer((_request, response) => {
      const { status, headers, body } = open.answer();
      // Written as kube-proxy does, to the byte: some checks look for a line of it.
      response.writeHead(status, headers).end(JSON.stringify(body, null, '\t'));
    });
    const open: Open = { server, answer };
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, ...(this.#options.host !== undefined && { host: this.#options.host }) }, resolve);
      });
    } catch (error) {
      const object = `service ${nameOf(service)}`;
      return [{ object, path: 'spec.healthCheckNodePort', message: (error as Error).message, severity: 'error' }];
    }
    server.on('error', () => {}); // Accepting fails now and then; whoever asked asks again.
    this.#open.set(port, open);
    return [];
  }

  #close(port: number): void {
    const server = this.#open.get(port)?.server;
    this.#open.delete(port);
    server?.close();
    server?.closeAllConnections();
  }
}

function nameOf(service: Service): string {
  return `${namespaceOf(service)}/${service.metadata.name}`;
}

function serviceOfSlice(slice: EndpointSlice): string {
  return `${namespaceOf(slice)}/${slice.metadata.labels?.[SERVICE_NAME_LABEL] ?? ''}`;
}
