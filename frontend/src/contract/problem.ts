export type FieldError = { field: string; code: string; message: string };

/** Problem details (RFC 9457) with a stable `code`. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: FieldError[];
};
