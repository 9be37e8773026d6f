/** Reads the PROXY protocol off the beginning of a connection; what follows it stays for whoever reads next. */
import type { Socket } from 'node:net';
import { type ProxiedAddresses, readProxyHeader } from '../proxy-protocol.ts';
import type { Waiting } from './deadlines.ts';
import type { Thread } from './thread.ts';

/** Told nothing where the header is wrong, or late: the connection is closed then. */
export type OnHeader = (told: { readonly addresses: ProxiedAddresses | undefined } | undefined) => void;

export function receiveProxyHeader(thread: Thread, socket: Socket, timeoutMs: number, done: OnHeader): void {
  let bytes = Buffer.alloc(0);
  const finish = (told: Parameters<OnHeader>[0]): void => {
    thread.near.delete(waiting);
    socket.off('readable', onReadable).off('end', refuse).off('close', refuse).off('error', ignore);
    if (told === undefined) {
      thread.counters.add('protocolErrors');
      socket.on('error', ignore).destroy();
    }
    done(told);
  };
  const refuse = (): void => finish(undefined);
  const waiting: Waiting = { deadlineMs: thread.nowMs + timeoutMs, onLate: refuse };
  const onReadable = (): void => {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      const header = readProxyHeader(bytes);
      if (header.state === 'more') continue;
      if (header.state === 'wrong') {
        refuse();
        return;
      }
      if (bytes.length > header.bytes) socket.unshift(bytes.subarray(header.bytes));
      finish({ addresses: header.addresses });
      return;
    }
  };
  thread.near.add(waiting);
  socket.on('readable', onReadable).on('end', refuse).on('close', refuse).on('error', ignore);
}

/** The 'close' that follows is what is waited for. */
function ignore(): void {}
