/** A pod's log as the answer to a GET: text, in pieces, for as long as it is followed. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { KubeObject } from '../../../core/index.ts';
import type { LogOptions, PodStreams } from '../../node/pod-streams.ts';
import { ApiError, badRequest } from '../http/status.ts';

/** @throws ApiError before the first byte; later failures end the answer. */
export async function answerLog(
  response: ServerResponse,
  streams: PodStreams,
  pod: KubeObject,
  options: LogOptions,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const lines = streams.logs(pod, options, gone.signal)[Symbol.asyncIterator]();
  // The first piece is awaited before the head is written, so that a refusal is still a Status.
  let piece = await firstPiece(lines);
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-cache, private' });
  response.flushHeaders();
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  try {
    for (; !piece.done && left > 0; piece = await lines.next()) {
      const bytes = piece.value.subarray(0, Math.min(left, piece.value.length));
      left -= bytes.length;
      if (!response.write(bytes) && !gone.signal.aborted)
        await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
  } finally {
    await lines.return?.();
    response.end();
  }
}

async function firstPiece(lines: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
  try {
    return await lines.next();
  } catch (error) {
    throw error instanceof ApiError ? error : badRequest(error instanceof Error ? error.message : String(error));
  }
}
