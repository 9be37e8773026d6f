/** A byte stream inside a WebSocket's binary messages, whose borders mean nothing: how port-forward travels since 1.31. */
import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

export function tunnel(socket: WebSocket): Duplex {
  const stream = new Duplex({
    read() {
      socket.resume();
    },
    write(chunk: Buffer, _encoding, done) {
      if (socket.readyState !== socket.OPEN) done();
      else socket.send(chunk, (error) => done(error ?? null));
    },
    final(done) {
      socket.close(1000);
      done();
    },
    destroy(error, done) {
      socket.terminate();
      done(error);
    },
  });
  socket.on('message', (data) => {
    const bytes = Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
    // An empty message is legal here, and pushes nothing.
    if (bytes.length > 0 && !stream.push(bytes)) socket.pause();
  });
  socket.on('close', () => {
    stream.push(null);
  });
  socket.on('error', (error) => stream.destroy(error));
  return stream;
}
