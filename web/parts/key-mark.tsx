/** A key. */
export const KeyMark = () => (
  <svg class="key-mark" viewBox="0 0 24 24" aria-hidden="true">
    <circle cx="8" cy="12" r="4.25" />
    <path d="M12.25 12H21v3.5M17 12v2.5" />
  </svg>
)
