/** Our userspace data plane with one worker and one endpoint: `keelson.ts tcp|http PORT`. */
import { frontendKey } from '../../core/index.ts';
import { DEFAULT_SETTINGS } from '../../runtime/proxy/settings.ts';
import { UserspacePlane } from '../../runtime/proxy/userspace/plane.ts';
import { sayPorts } from './say-port.ts';
import { backendsOf, frontendOf } from './service.ts';

const protocol = process.argv[2] === 'http' ? 'http' : 'tcp';
const plane = await UserspacePlane.start({ placesOf: () => [{ host: '127.0.0.1', port: 0 }], threads: 1 });
const frontend = frontendOf('web');
const endpoint = {
  address: '127.0.0.1',
  port: Number(process.argv[3]),
  ready: true,
  serving: true,
  terminating: false,
};
await plane.apply(1, {
  frontends: [{ frontend, settings: { ...DEFAULT_SETTINGS, protocol } }],
  frontendsGone: [],
  backends: [backendsOf('web', [endpoint])],
  backendsGone: [],
});
const [{ port }] = plane.addressesOf(frontendKey(frontend));
sayPorts({ proxy: port });
