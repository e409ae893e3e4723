import { useEffect } from 'preact/hooks'

/**
 * Calls whenever somebody comes back: to the page, or to the network.
 * @param returned one and the same for as long as `whose` is
 */
export function useReturns(returned: () => void, whose: unknown): void {
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible') returned()
    }
    document.addEventListener('visibilitychange', look)
    addEventListener('pageshow', look)
    addEventListener('online', look)
    return () => {
      document.removeEventListener('visibilitychange', look)
      removeEventListener('pageshow', look)
      removeEventListener('online', look)
    }
  }, [whose])
}
