/**
 * Cluster addresses of one network namespace are one process's at a time. The claim is a socket in the kernel's abstract
 * namespace, which belongs to the network namespace and goes with its process, however that ends.
 */
import { createServer } from 'node:net';

const NAME = '\0keelson-cluster-addresses';

/** undefined: another process has them. @returns how to let go. */
export function claimNetwork(): Promise<(() => void) | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<(() => void) | undefined>();
  const server = createServer((socket) => socket.destroy());
  server.unref();
  server.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') resolve(undefined);
    else reject(error);
  });
  server.listen({ path: NAME }, () => resolve(() => void server.close()));
  return promise;
}
