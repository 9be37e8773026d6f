/** The one cluster of a run: two made-up nodes, everything in memory, reached over HTTPS. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from '../../../runtime/up/cluster.ts';
import { connect } from '../../support/api-client.ts';
import type { Check, Row } from '../row.ts';
import { kubectlIn } from './kubectl.ts';
import { held, resource } from './resource.ts';

export interface World {
  run(row: Row): Promise<void>;
  stop(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'keelson-conformance-'));
  const problems: Error[] = [];
  const cluster = await startCluster({
    dataDir: directory,
    store: 'memory',
    host: '127.0.0.1',
    port: 0,
    insecure: false,
    nodes: 2,
    problem: (error) => void problems.push(error),
  });
  const { authority, adminToken } = cluster.server.auth;
  const api = connect({ url: cluster.url, authority: authority.pair.certificate, token: adminToken });
  writeFileSync(join(directory, 'admin.conf'), cluster.kubeconfig);
  const kubectl = kubectlIn(directory);

  const makeNamespace = async (name: string): Promise<string> => {
    held(await api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }), 201);
    return name;
  };
  const baseOf = (groupVersion: string): string => (groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`);

  return {
    async run({ id, run }) {
      const unique = id.toLowerCase();
      const namespace = await makeNamespace(`conformance-${unique}`);
      const check: Check = {
        cluster,
        api,
        kubectl,
        namespace,
        unique,
        anotherNamespace: () => makeNamespace(`conformance-${unique}-other`),
        namespaced: (groupVersion, plural, within = namespace) =>
          resource(api, `${baseOf(groupVersion)}/namespaces/${within}/${plural}`),
        everywhere: (groupVersion, plural) => resource(api, `${baseOf(groupVersion)}/${plural}`),
      };
      const before = problems.length;
      await run(check);
      if (problems.length > before)
        throw new Error('the cluster reported a fault of its own', { cause: problems[before] });
    },
    async stop() {
      api.disconnect();
      await cluster.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
