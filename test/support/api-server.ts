/** An API server on a free loopback port over a store in memory, and a client that speaks plain HTTP to it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuth } from '../../runtime/api/auth/auth.ts';
import { loadSchemas } from '../../runtime/api/schema/load.ts';
import { type ApiServer, type ApiServerOptions, createApiServer } from '../../runtime/api/server.ts';
import { openMemoryStore } from '../../runtime/store/memory/memory-store.ts';
import type { Store } from '../../runtime/store/store.ts';
import { connect, type TestClient } from './api-client.ts';

export type { Answer, Ask, SeenEvent, SeenWatch } from './api-client.ts';

export interface TestServer extends TestClient {
  server: ApiServer;
  store: Store;
  /** What the server reported as faults of its own. */
  problems: Error[];
  close(): Promise<void>;
}

const schemas = loadSchemas(join(tmpdir(), 'keelson-test-schemas'));

export interface TestOptions extends Partial<ApiServerOptions> {
  /** HTTPS with the cluster's own authority; plain HTTP otherwise. */
  secure?: boolean;
}

export async function startApi({ secure = false, ...options }: TestOptions = {}): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'keelson-api-'));
  const store = options.store ?? openMemoryStore();
  const problems: Error[] = [];

  const server = await createApiServer({
    store,
    schemas: await schemas,
    openAuth: (view) => openAuth({ directory, view, now: Date.now }),
    ...(secure && { certificates: certificatesOf }),
    problem: (error) => void problems.push(error),
    ...options,
  });
  const url = await server.listen();
  const client = connect({
    url,
    ...(secure && { authority: server.auth.authority.pair.certificate, token: server.auth.adminToken }),
  });
  return {
    ...client,
    server,
    store,
    problems,
    async close() {
      client.disconnect();
      await server.close();
      if (options.store === undefined) await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function certificatesOf({ authority }: ApiServer['auth']) {
  const { certificate, key } = await authority.serverCertificate();
  return { certificate, key, authority: authority.pair.certificate };
}

// --- objects -------------------------------------------------------------------------------------------------------

export function configMap(name: string, data: Record<string, string> = {}, labels?: Record<string, string>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...(labels && { labels }) }, data };
}

export function plainPod(name: string, spec: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec },
  };
}

export function deployment(name: string, replicas = 1): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    },
  };
}
