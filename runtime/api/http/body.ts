/** The bytes of a request, up to a limit and within a time. */
import type { IncomingMessage } from 'node:http';
import { badRequest, timeout, tooLarge } from './status.ts';

/** As Kubernetes'; what the store takes of one object is half of it. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;
const READ_TIMEOUT_MS = 30_000;

/** Throws 413, 400 for a client that breaks off, 504 for one that is too slow. */
export function readBody(request: IncomingMessage, timeoutMs = READ_TIMEOUT_MS): Promise<Buffer> {
  const tooMuch = (): Error => tooLarge(`the request's body has more than ${MAX_BODY_BYTES} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return Promise.reject(tooMuch());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (error?: Error): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('error', onBroken).off('close', onBroken);
      if (error) reject(error);
      else resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, size));
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) end(tooMuch());
      else chunks.push(chunk);
    };
    const onEnd = (): void => end();
    const onBroken = (): void => end(badRequest("the request's body broke off"));
    const timer = setTimeout(() => end(timeout("the request's body did not come in time")), timeoutMs);
    request.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken);
  });
}
