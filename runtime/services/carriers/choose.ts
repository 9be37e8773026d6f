/** Which carrier a machine gets. */
import { CannotCarry, type Carrier, type CarrierOptions } from './carrier.ts';
import { openUserspace } from './userspace.ts';

/** 'auto': by the kernel where pods run here and it can, else by this process; without pods not at all. */
export const PROXY_MODES = ['auto', 'nftables', 'userspace', 'off'] as const;
export type ProxyMode = (typeof PROXY_MODES)[number];

/** undefined: nothing is carried. @throws CannotCarry where what was asked for cannot be done. */
export async function openCarrier(mode: ProxyMode, options: CarrierOptions): Promise<Carrier | undefined> {
  if (mode === 'off' || (mode === 'auto' && !options.bridge)) return undefined;
  if (mode === 'userspace') return openUserspace(options);
  const { openNftables } = await import('./nftables.ts');
  try {
    return await openNftables(options);
  } catch (error) {
    if (mode === 'nftables' || !(error instanceof CannotCarry)) throw error;
    const carrier = await openUserspace(options);
    return { ...carrier, words: `${carrier.words} (not by the kernel: ${error.message})` };
  }
}
