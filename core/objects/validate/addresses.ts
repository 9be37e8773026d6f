/**
 * Rules about IP addresses and networks, as Services and EndpointSlices hold them.
 * Source: Kubernetes v1.36, apimachinery/pkg/util/validation/ip.go, pkg/apis/core/validation (ValidateNonSpecialIP).
 */
import { parseCidr, parseIp, specialRange } from '../ip.ts';
import type { IPFamily } from '../service.ts';
import { type Schema, show, type TextRule, text } from './schema.ts';

export const ipAddress: TextRule = (address) =>
  parseIp(address) ? undefined : `${show(address)} is not an IP address`;

/** An address that traffic may be sent to: not loopback, link-local or unspecified. */
export const ordinaryIp: TextRule = (address) => {
  const parsed = parseIp(address);
  if (!parsed) return `${show(address)} is not an IP address`;
  const special = specialRange(parsed);
  return special === undefined ? undefined : `${show(address)} is ${special}`;
};

/** As ordinaryIp, for one family. */
export function ordinaryIpOf(family: IPFamily): TextRule {
  return (address) => {
    const parsed = parseIp(address);
    if (parsed && parsed.family !== family) return `${show(address)} is an ${parsed.family} address, not ${family}`;
    return ordinaryIp(address);
  };
}

/** '10.0.0.0/8'; spaces around it are let pass. */
export const cidr: Schema = text((range) =>
  parseCidr(range) ? undefined : `${show(range)} is not a network, like 10.0.0.0/8`,
);
