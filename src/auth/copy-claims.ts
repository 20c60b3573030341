import type { Claims } from '../contract/identity.ts';

/** Claims are handed to the application, which may write into them: nobody else must find that there. */
export function copyClaims(claims: Claims): Claims {
  const isFlat = Object.values(claims).every((value) => typeof value !== 'object');
  return isFlat ? { ...claims } : structuredClone(claims);
}
