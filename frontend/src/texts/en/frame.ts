/* What every page carries, in its script too: kept short. */

export const switchTheme = "Switch between light and dark";
export const navigation = "Main";
export const signIn = "Sign in";
export const unreachable = {
  title: "The service can’t be reached right now",
  text: "Nothing you saved is lost. It usually passes within seconds.",
};
export const reload = "Try again";
