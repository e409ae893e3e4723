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
    // Shown for the first time, a page is as it is.
    const again = ({ persisted }: PageTransitionEvent) => persisted && look()
    document.addEventListener('visibilitychange', look)
    addEventListener('pageshow', again)
    addEventListener('online', look)
    return () => {
      document.removeEventListener('visibilitychange', look)
      removeEventListener('pageshow', again)
      removeEventListener('online', look)
    }
  }, [whose])
}
