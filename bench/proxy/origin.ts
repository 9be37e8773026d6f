/** What is proxied to, in a process of its own: an echo, a source of bytes, and an HTTP server that answers at once. */
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { sayPorts } from './say-port.ts';

const CHUNK = Buffer.alloc(1 << 18, 'x');

const echo = createServer({ noDelay: true }, (socket) => {
  socket.on('data', (data) => socket.write(data));
  socket.on('error', () => {});
});
/** Sends as many bytes as the first line says, and ends. */
const source = createServer({ noDelay: true }, (socket) => {
  socket.once('data', (line) => send(socket, Number(line)));
  socket.on('error', () => {});
});
const http = createHttp({ keepAliveTimeout: 60_000 }, (_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 3 });
  response.end('ok\n');
});

function send(socket: Socket, bytes: number): void {
  let left = bytes;
  const go = (): void => {
    while (left > 0) {
      const chunk = left >= CHUNK.length ? CHUNK : CHUNK.subarray(0, left);
      left -= chunk.length;
      if (!socket.write(chunk)) return;
    }
    socket.end();
  };
  socket.on('drain', go);
  go();
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, resolve));
  return (server.address() as AddressInfo).port;
}

sayPorts({ echo: await portOf(echo), source: await portOf(source), http: await portOf(http) });
