/** Where the words that threads exchange lie; those written often have a line of their own. */
export const at = {
  /** Parts that nobody has taken yet; threads take the last one first. Zero or less: none. */
  open: 0,
  /** Parts that workers have finished since the last call. */
  done: 16,
  /** Goes up with every call for sleepers. */
  calls: 32,
  /** Workers that sleep. */
  asleep: 48,
  /** Workers that have started. */
  ready: 64,
  /** A kernel has failed in a worker. */
  failed: 65,
  /** Nobody writes here: waiting for a change of this word is a pause. */
  never: 66,
  /** Address of the newest module of generated functions; 0: none. */
  generated: 67,
  /** The call: kernel, number of arguments, length of the range and of a part. */
  call: 80,
  /** 16 words per thread: its arguments, and in the last one whether it has started. */
  arguments: 96,
} as const;
