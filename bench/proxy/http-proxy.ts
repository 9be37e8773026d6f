/** The npm package http-proxy, with kept connections to the origin. */
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import httpProxy from 'http-proxy';
import { sayPorts } from './say-port.ts';

const target = `http://127.0.0.1:${process.argv[2]}`;
const proxy = httpProxy.createProxyServer({ target, agent: new Agent({ keepAlive: true }), xfwd: true });
proxy.on('error', (_error, _request, response) => response.destroy());
const server = createServer((request, response) => proxy.web(request, response));
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  sayPorts({ proxy: (server.address() as AddressInfo).port });
});
