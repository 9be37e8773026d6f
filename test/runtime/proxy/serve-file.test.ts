/** A file that goes wrong while it is served: told by line, and what was served before goes on, until it is right again. */
import { renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ApiError, formatProblem } from '../../../core/errors.ts';
import type { DataPlane, TableChanges } from '../../../runtime/proxy/data-plane.ts';
import { readFeed } from '../../../runtime/proxy/feed.ts';
import { FileServer } from '../../../runtime/proxy/serve-file.ts';
import { folderOf } from '../../support/keelson.ts';
import { until } from '../../support/proxied.ts';

const service = (ports: string, name = 'web'): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {clusterIP: 10.96.0.10, ports: [${ports}]}\n---\n`;

const slice = (family: string, address: string, port: number): string =>
  `apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: s, labels: {kubernetes.io/service-name: web}}\n` +
  `addressType: ${family}\nendpoints: [{addresses: ["${address}"]}]\nports: [{port: ${port}}]\n---\n`;

const WEB = service('{port: 80}');
const good = (address: string): string => WEB + slice('IPv4', address, 8080);

const mistakes: { name: string; text: string | undefined; says: RegExp }[] = [
  { name: 'no YAML', text: 'kind: [', says: /^services\.yaml:1/ },
  { name: 'nothing at all', text: '', says: /is empty/ },
  { name: 'no file', text: undefined, says: /ENOENT/ },
  { name: 'a Service on port 0', text: service('{port: 0}'), says: /spec\.ports\[0\]\.port: 0 / },
  { name: 'a Service on port 70,000', text: service('{port: 70000}'), says: /spec\.ports\[0\]\.port: 70000 / },
  { name: 'an endpoint on port 0', text: WEB + slice('IPv4', '10.0.0.1', 0), says: /ports\[0\]\.port: 0 / },
  {
    name: 'an endpoint on port 70,000',
    text: WEB + slice('IPv4', '10.0.0.1', 70_000),
    says: /ports\[0\]\.port: 70000 /,
  },
  { name: 'two Services of one name', text: WEB + WEB, says: /there is another of this name/ },
  {
    name: 'two slices of one name',
    text: good('10.0.0.1') + slice('IPv4', '10.0.0.2', 80),
    says: /there is another of this name/,
  },
  {
    name: 'an IPv4 endpoint in an IPv6 slice',
    text: WEB + slice('IPv6', '10.0.0.1', 80),
    says: /is an IPv4 address, not IPv6/,
  },
  { name: 'an endpoint on loopback', text: WEB + slice('IPv4', '127.0.0.1', 80), says: /is a loopback address/ },
  { name: 'an endpoint on IPv6 loopback', text: WEB + slice('IPv6', '::1', 80), says: /is a loopback address/ },
  { name: 'a link-local endpoint', text: WEB + slice('IPv4', '169.254.0.7', 80), says: /is link-local/ },
  { name: 'an address that is none', text: WEB + slice('IPv4', '10.0.0', 80), says: /'10\.0\.0' is not an IP address/ },
];

/** Remembers what it was told. */
class Recording implements DataPlane {
  readonly applied: TableChanges[] = [];
  apply(_version: number, changes: TableChanges): Promise<void> {
    this.applied.push(changes);
    return Promise.resolve();
  }
  drain(): Promise<{ ended: boolean; inFlight: number }> {
    return Promise.resolve({ ended: true, inFlight: 0 });
  }
  stats(): ReturnType<DataPlane['stats']> {
    return { version: 0, activeConnections: 0, activeSessions: 0, counters: {}, services: [] };
  }
  health(): ReturnType<DataPlane['health']> {
    return { healthy: true, version: 0, workers: 1, wantedWorkers: 1, problems: [] };
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

test('serve file: each mistake is told while it is served, nothing of it is, and the next right file is served', async () => {
  const folder = folderOf({ 'services.yaml': good('10.0.0.1') });
  const path = join(folder.path, 'services.yaml');
  const plane = new Recording();
  const refused: string[] = [];
  let changes = 0;
  const server = new FileServer(path, plane, {
    onChange: () => changes++,
    onRefused: (error) => {
      refused.push(error instanceof ApiError ? error.problems.map(formatProblem).join('\n') : String(error));
    },
  });
  const put = (text: string): void => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  try {
    await server.start(readFeed(Buffer.from(good('10.0.0.1')), path));
    let served = 1;
    for (const [i, { name, text, says }] of mistakes.entries()) {
      if (text === undefined) unlinkSync(path);
      else put(text);
      await until(() => refused.length === i + 1, `${name} is refused`);
      assert.match(refused[i].replaceAll(`${folder.path}/`, ''), says, name);
      assert.is(plane.applied.length, served, `nothing is served of ${name}`);
      put(good(`10.0.1.${i + 1}`));
      await until(() => changes === served + 1, `a right file is served after ${name}`);
      served++;
      assert.equal(
        plane.applied[served - 1].backends.flatMap(({ endpoints }) => endpoints.map(({ address }) => address)),
        [`10.0.1.${i + 1}`],
      );
    }
    console.log(`bad input: ${mistakes.length} wrong files were told, and none changed what was served`);
  } finally {
    await server.stop();
    folder.remove();
  }
});

test.run();
