/** Never `javascript:` or `data:`, whoever sent it. */
export const isWebPage = (url: string): boolean => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
