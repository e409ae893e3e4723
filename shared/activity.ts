/** Which payments to look for: those that cost something, those of which something was given back, those that came to nothing. */
export const activityKinds = ['paid', 'refunded', 'unpaid'] as const
