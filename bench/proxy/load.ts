/**
 * Closed-loop load through a proxy, for so long: messages on kept connections, connections of one message, bytes in bulk,
 * HTTP requests on kept connections. Returns how much went through; anything that fails is thrown.
 */
import { connect, type Socket } from 'node:net';

export type Load = (port: number, ms: number) => Promise<number>;

const CLIENTS = 64;
const SHORT_CLIENTS = 32;
const BULK_CLIENTS = 4;
const MESSAGE = Buffer.alloc(64, 'm');
const BULK_BYTES = 64 * 2 ** 20;
const REQUEST = Buffer.from('GET /index.html HTTP/1.1\r\nHost: origin\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n');
const ANSWER_END = 'ok\n';

/** Messages of 64 bytes, each sent when the one before has come back; by 64 clients. */
export const messages: Load = (port, ms) =>
  keptClients(port, ms, MESSAGE, (data, got) => got + data.length >= MESSAGE.length);

/** Requests of HTTP/1.1, likewise. */
export const requests: Load = (port, ms) =>
  keptClients(port, ms, REQUEST, (data, got) => {
    if (got === 0 && data.toString('latin1', 0, 12) !== 'HTTP/1.1 200') throw new Error(data.toString('latin1'));
    return data.toString('latin1', data.length - ANSWER_END.length) === ANSWER_END;
  });

/** Connections by 32 clients: connect, one message there and back, close. */
export const connections: Load = async (port, ms) => {
  const endMs = performance.now() + ms;
  let done = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < endMs) {
      await oneMessage(port);
      done++;
    }
  };
  await Promise.all(Array.from({ length: SHORT_CLIENTS }, client));
  return done;
};

/** GB (10^9) from the source, 64 MiB a connection, by 4 clients. */
export const bulk: Load = async (port, ms) => {
  const endMs = performance.now() + ms;
  let bytes = 0;
  const client = async (): Promise<void> => {
    do bytes += await transfer(port);
    while (performance.now() < endMs);
  };
  await Promise.all(Array.from({ length: BULK_CLIENTS }, client));
  return bytes / 1e9;
};

/** @param isWhole whether the answer ends with this data, of which so much came before. */
async function keptClients(
  port: number,
  ms: number,
  ask: Buffer,
  isWhole: (data: Buffer, got: number) => boolean,
): Promise<number> {
  const endMs = performance.now() + ms;
  let done = 0;
  const client = async (): Promise<void> => {
    const socket = await opened(port);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let got = 0;
    socket.on('data', (data) => {
      if (!isWhole(data, got)) {
        got += data.length;
        return;
      }
      got = 0;
      done++;
      if (performance.now() < endMs) socket.write(ask);
      else resolve();
    });
    socket.on('error', reject).on('end', () => reject(new Error('the proxy ended a connection')));
    socket.write(ask);
    await promise;
    socket.destroy();
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return done;
}

function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });
}

function oneMessage(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    let got = 0;
    socket.on('data', (data) => {
      got += data.length;
      if (got >= MESSAGE.length) socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      if (got === MESSAGE.length) resolve();
      else reject(new Error(`${got} of ${MESSAGE.length} bytes came back`));
    });
    socket.write(MESSAGE);
  });
}

function transfer(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    let bytes = 0;
    socket.on('data', (data) => {
      bytes += data.length;
    });
    socket.on('error', reject);
    socket.on('close', () => {
      if (bytes === BULK_BYTES) resolve(bytes);
      else reject(new Error(`${bytes} of ${BULK_BYTES} bytes came`));
    });
    socket.write(String(BULK_BYTES));
  });
}
