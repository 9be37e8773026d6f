/** The stream subresources of pods and Services as the server calls them, over whatever runs the pods. */
import type { KubeObject } from '../../../core/index.ts';
import type { PodStreams } from '../../node/pod-streams.ts';
import type { ConnectHandler, UpgradeCall } from '../http/call.ts';
import { badRequest, notFound } from '../http/status.ts';
import type { ObjectsView } from '../objects-view.ts';
import { answerLog } from './log.ts';
import { logOptions, requireNode } from './options.ts';
import { proxyHandlers } from './proxy.ts';
import { serveUpgrade, type Upgrade } from './upgrade.ts';

/** By '<plural>/<subresource>'. */
export function streamHandlers(streams: PodStreams, view: ObjectsView, now: () => number): Map<string, ConnectHandler> {
  const upgrade =
    (subresource: Upgrade['subresource']) => async (call: UpgradeCall, object: KubeObject | undefined) => {
      const { request, socket, head, query } = call;
      await serveUpgrade({
        request,
        socket,
        head,
        query,
        streams,
        subresource,
        nowMs: now(),
        pod: required(call, object),
      });
    };
  const onlyUpgrade = (subresource: Upgrade['subresource']): ConnectHandler => ({
    respond: async () => {
      throw badRequest('Upgrade request required');
    },
    upgrade: upgrade(subresource),
  });
  return new Map([
    ...proxyHandlers(streams, view),
    ['pods/exec', onlyUpgrade('exec')],
    ['pods/attach', onlyUpgrade('attach')],
    ['pods/portforward', onlyUpgrade('portforward')],
    [
      'pods/log',
      {
        async respond(call, object) {
          const pod = required(call, object);
          requireNode(pod);
          await answerLog(call.response, streams, pod, logOptions(pod, call.query, now()));
        },
        upgrade: upgrade('log'),
      },
    ],
  ]);
}

function required({ info }: Pick<UpgradeCall, 'info'>, object: KubeObject | undefined): KubeObject {
  if (!object) throw notFound('', 'pods', info.name);
  return object;
}
