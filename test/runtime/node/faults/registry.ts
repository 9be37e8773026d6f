/** A registry on the loopback with one image, and faults that are switched on: enough of the distribution API for a pull. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';

export interface Registry {
  /** '127.0.0.1:PORT/team/web:1' */
  image: string;
  host: string;
  /** What every request is answered with; undefined: the image. */
  status: number | undefined;
  /** 'user:password' that requests must carry; undefined: none. */
  login: string | undefined;
  /** Logins that came, in their order; each once. */
  readonly seen: Set<string>;
  close(): Promise<void>;
}

interface Blob {
  type: string;
  bytes: Buffer;
  digest: string;
}

export async function startRegistry(): Promise<Registry> {
  const blobs = await imageOf();
  const server = createServer((request, response) => answer(registry, blobs, request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const registry: Registry = {
    image: `${host}/team/web:1`,
    host,
    status: undefined,
    login: undefined,
    seen: new Set(),
    close: () => closed(server),
  };
  return registry;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
}

function answer(registry: Registry, blobs: Blob[], { url = '', headers }: IncomingMessage, response: ServerResponse) {
  const say = (status: number, code: string, message: string): void => {
    response.writeHead(status, { 'content-type': 'application/json', 'www-authenticate': 'Basic realm="registry"' });
    response.end(JSON.stringify({ errors: [{ code, message }] }));
  };
  const login = Buffer.from((headers.authorization ?? '').replace('Basic ', ''), 'base64').toString();
  if (login) registry.seen.add(login);
  if (registry.status !== undefined) return say(registry.status, 'UNKNOWN', 'as told');
  if (registry.login !== undefined && login !== registry.login)
    return say(401, 'UNAUTHORIZED', 'authentication required');
  const wanted = url.split('/').at(-1) ?? '';
  const [manifest] = blobs;
  const found = url.includes('/manifests/')
    ? url.startsWith('/v2/team/web/') && ['1', manifest.digest].includes(wanted) && manifest
    : blobs.find(({ digest }) => digest === wanted);
  if (url === '/v2/') return void response.writeHead(200).end();
  if (!found) return say(404, url.includes('/manifests/') ? 'MANIFEST_UNKNOWN' : 'BLOB_UNKNOWN', 'not here');
  response.writeHead(200, {
    'content-type': found.type,
    'content-length': found.bytes.length,
    'docker-content-digest': found.digest,
  });
  response.end(found.bytes);
}

/** The manifest first. */
async function imageOf(): Promise<Blob[]> {
  const archive = pack();
  archive.entry({ name: 'bin', type: 'directory' });
  archive.entry({ name: 'bin/busybox', mode: 0o755 }, readFileSync('/bin/busybox'));
  archive.entry({ name: 'bin/sh', type: 'symlink', linkname: 'busybox' });
  archive.entry({ name: 'bin/sleep', type: 'symlink', linkname: 'busybox' });
  archive.finalize();
  const layer = blobOf('application/vnd.docker.image.rootfs.diff.tar', await buffer(archive));
  const config = blobOf(
    'application/vnd.docker.container.image.v1+json',
    json({
      architecture: 'amd64',
      os: 'linux',
      config: { Env: ['PATH=/bin'], Cmd: ['sleep', '1000'] },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    }),
  );
  const entry = ({ type, bytes, digest }: Blob) => ({ mediaType: type, size: bytes.length, digest });
  const type = 'application/vnd.docker.distribution.manifest.v2+json';
  const manifest = { schemaVersion: 2, mediaType: type, config: entry(config), layers: [entry(layer)] };
  return [blobOf(type, json(manifest)), config, layer];
}

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));

function blobOf(type: string, bytes: Buffer): Blob {
  return { type, bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}
