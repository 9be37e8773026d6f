/** An HTTP proxy that lets no WebSocket through, as some companies' do: everything else goes to the server as it came. */
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

export interface RefusingProxy {
  url: string;
  /** What asked for an upgrade: 'websocket 403 GET /api/…/exec', 'SPDY/3.1 101 POST /api/…'; without queries. */
  upgrades: string[];
  close(): void;
}

/** @param target 'http://127.0.0.1:1234' @param code of the refusal. */
export async function refuseWebSockets(target: string, code: number): Promise<RefusingProxy> {
  const { hostname, port } = new URL(target);
  const upgrades: string[] = [];
  const server: Server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const onward = request({ hostname, port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  server.on('upgrade', (incoming, socket, head) => {
    const { method, url = '', headers, rawHeaders } = incoming;
    const path = `${method} ${url.split('?')[0]}`;
    if (headers.upgrade?.toLowerCase() === 'websocket') {
      upgrades.push(`websocket ${code} ${path}`);
      socket.end(`HTTP/1.1 ${code} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    upgrades.push(`${headers.upgrade} 101 ${path}`);
    const onward = connect(Number(port), hostname, () => {
      const lines = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}`] : []));
      onward.write(`${method} ${url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    upgrades,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
