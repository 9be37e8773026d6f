/** Loaded before everything else (`node --import`): a worker thread that is named on this channel never does anything again. */
import { isMainThread, threadId } from 'node:worker_threads';

export const HANG_CHANNEL = 'keelson-test-hang';

if (!isMainThread) {
  const channel = new BroadcastChannel(HANG_CHANNEL);
  channel.onmessage = ({ data }) => {
    if (data === threadId) for (;;);
  };
  (channel as unknown as { unref(): void }).unref();
}
