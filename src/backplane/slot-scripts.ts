import type { Redis } from 'ioredis';

/**
 * The scripts that decide over slots, each atomic in Redis. A slot is a field in the hash of its user, `<time> <lease>`, and
 * counts while its lease lives: a node holds one lease for all its slots, so that renewing them is one entry, and the slots
 * of a node that is gone are free when its lease has run out. Time is the time of Redis: no two clocks have to agree.
 */

/** Braces: all keys of a prefix belong together, wherever Redis keeps them. */
export const slotKeys = (prefix: string) => ({
  leases: `{${prefix}}:leases`,
  /** There while nodes write again what Redis has forgotten. */
  settling: `{${prefix}}:settling`,
  /** Begins the name of the set of slots that a node has lost and has not been heard of yet. */
  lost: `{${prefix}}:lost:`,
  slotsOf: (userId: string) => `{${prefix}}:slots:${userId}`,
});

export type SlotKeys = ReturnType<typeof slotKeys>;

/**
 * Runs one of the scripts; once more where no answer came in time, since each says the same twice: a process that has much to do
 * looks at the clock before it looks at what has come.
 */
export async function runScript(
  commands: Redis,
  script: string,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  const run = () => commands.eval(script, keys.length, ...keys, ...args);
  return run().catch((error: Error) => {
    if (error.message !== TIMED_OUT) throw error;
    return run();
  });
}

/** What ioredis says then. */
const TIMED_OUT = 'Command timed out';

const NOW = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function lives(lease)
  local untilTime = redis.call('ZSCORE', KEYS[1], lease)
  return untilTime and tonumber(untilTime) > now
end
`;

/**
 * Leases, slots of the user, settling, where names of lost slots begin; own lease, slot, limit, what to do at the limit, how
 * long to keep the hash, since when the slot was held before, if it was, and whether to wait while nodes write again. Says
 * since when it is held, where it is. A slot that was lost stays so, whoever writes it again.
 */
export const CLAIM = `${NOW}
local lease, slot, limit, atLimit, keepMs = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local since = tonumber(ARGV[6]) or now
local function lostOf(holder) return KEYS[4] .. string.match(holder, '^(.*)%.') end
if not lives(lease) then return {'lapsed', 0} end
if ARGV[7] == 'patient' then
  local waitMs = redis.call('PTTL', KEYS[3])
  if waitMs > 0 then return {'settling', waitMs} end
end
local entries = redis.call('HGETALL', KEYS[2])
local count, oldest, oldestAt, oldestOf = 0, nil, nil, nil
for i = 1, #entries, 2 do
  local at, holder = string.match(entries[i + 1], '^(%d+) (.*)$')
  if not lives(holder) then redis.call('HDEL', KEYS[2], entries[i])
  elseif entries[i] ~= slot then
    count = count + 1
    if oldest == nil or tonumber(at) < oldestAt then oldest, oldestAt, oldestOf = entries[i], tonumber(at), holder end
  end
end
local isLost = redis.call('SISMEMBER', lostOf(lease), slot) == 1
local lost = ''
if isLost or (count >= limit and atLimit ~= 'force') then
  if isLost or atLimit == 'reject' then
    redis.call('HDEL', KEYS[2], slot)
    return {'full', count}
  end
  redis.call('HDEL', KEYS[2], oldest)
  redis.call('SADD', lostOf(oldestOf), oldest)
  redis.call('PEXPIRE', lostOf(oldestOf), keepMs)
  lost = oldest
end
redis.call('HSET', KEYS[2], slot, since .. ' ' .. lease)
redis.call('PEXPIRE', KEYS[2], keepMs)
return {'taken', lost, since}
`;

/**
 * Leases, lost slots of the node; length of a lease, how many the node has, those, and the lost slots that it knows of. Says
 * whether the last lease was still alive, and which slots are lost.
 */
export const RENEW = `${NOW}
local count, isAlive = tonumber(ARGV[2]), 0
for i = 3, 2 + count do
  isAlive = lives(ARGV[i]) and 1 or 0
  if isAlive == 1 then redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i]) end
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60000)
for i = 3 + count, #ARGV do redis.call('SREM', KEYS[2], ARGV[i]) end
return {isAlive, redis.call('SMEMBERS', KEYS[2])}
`;

/** Leases, settling; a lease that begins, its length, and how long others shall wait for what is written under it. */
export const BEGIN_LEASE = `${NOW}
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
if tonumber(ARGV[3]) > 0 then redis.call('SET', KEYS[2], 1, 'PX', ARGV[3]) end
return 1
`;
