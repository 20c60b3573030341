import { expect, test } from 'vitest';
import { createConnectRate } from '../../src/core/connect-rate.ts';

/** How many of these, tried at once, are let through. */
function admit(addresses: readonly string[]): number {
  const count = createConnectRate({ connectsPerSecond: 1 });
  return addresses.filter((address) => {
    try {
      count(address);
      return true;
    } catch {
      return false;
    }
  }).length;
}

const many = (address: (place: number) => string) => Array.from({ length: 50 }, (_, place) => address(place));

test.each([
  ['the addresses of one IPv6 network', (place: number) => `2001:db8:1:2:${place.toString(16)}::1`],
  ['the same, written short', (place: number) => `2001:db8:1:2::${(place + 1).toString(16)}`],
  ['with a zone', () => 'fe80::1%eth0'],
  ['an IPv4 address', () => '203.0.113.7'],
])('%s share a burst of two', (_what, address) => {
  expect(admit(many(address))).toBe(2);
});

test.each([
  ['IPv4 addresses', (place: number) => `203.0.113.${place}`],
  ['IPv4 addresses as IPv6 has them', (place: number) => `::ffff:203.0.113.${place}`],
  ['IPv6 networks', (place: number) => `2001:db8:1:${place.toString(16)}::1`],
])('%s do not', (_what, address) => {
  expect(admit(many(address))).toBe(50);
});

test('who keeps trying is remembered while ten thousand others pass', () => {
  const count = createConnectRate({ connectsPerSecond: 1 });
  const others = Array.from({ length: 12_000 }, (_, place) => `10.${place >> 16}.${(place >> 8) & 255}.${place & 255}`);
  const tries: boolean[] = [];
  for (const [place, other] of others.entries()) {
    count(other);
    if (place % 1_000 !== 0) continue;
    try {
      for (let again = 0; again < 3; again += 1) count('203.0.113.7');
      tries.push(true);
    } catch {
      tries.push(false);
    }
  }
  expect(tries).not.toContain(true);
});
