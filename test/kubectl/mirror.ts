/** A mirror of a registry that has every image by every name, and all of them are one: what a real pod of the cases runs. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { addAgnhost } from '../conformance/kit/agnhost/image.ts';

export interface Mirror {
  /** 'http://127.0.0.1:PORT' */
  url: string;
  close(): Promise<void>;
}

interface Blob {
  mediaType: string;
  bytes: Buffer;
  digest: string;
}

export async function startMirror(): Promise<Mirror> {
  const [manifest, ...blobs] = await imageBlobs();
  const server = createServer(({ url = '', method }, response) => {
    const wanted = url.split('/').at(-1) ?? '';
    const found = url.includes('/manifests/') ? manifest : blobs.find(({ digest }) => digest === wanted);
    if (url === '/v2/' || !found) {
      response.writeHead(found || url === '/v2/' ? 200 : 404).end();
      return;
    }
    const { mediaType, bytes, digest } = found;
    const headers = { 'content-type': mediaType, 'content-length': bytes.length, 'docker-content-digest': digest };
    response.writeHead(200, headers).end(method === 'HEAD' ? undefined : bytes);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

/** The manifest first. */
async function imageBlobs(): Promise<Blob[]> {
  const archive = pack();
  addAgnhost(archive);
  archive.entry({ name: 'bin/pod', mode: 0o755 }, readFileSync(join(import.meta.dirname, 'pod.sh')));
  archive.finalize();
  const layer = blobOf('application/vnd.docker.image.rootfs.diff.tar', await buffer(archive));
  const config = blobOf('application/vnd.docker.container.image.v1+json', {
    architecture: 'amd64',
    os: 'linux',
    config: { Env: ['PATH=/bin:/usr/bin'], Entrypoint: ['/bin/pod'] },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  });
  const entry = ({ mediaType, bytes, digest }: Blob) => ({ mediaType, size: bytes.length, digest });
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
  return [
    blobOf(mediaType, { schemaVersion: 2, mediaType, config: entry(config), layers: [entry(layer)] }),
    config,
    layer,
  ];
}

function blobOf(mediaType: string, content: Buffer | object): Blob {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  return { mediaType, bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}
