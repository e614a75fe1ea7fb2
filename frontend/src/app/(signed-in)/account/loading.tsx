import { PageTitle } from "#shell/page-title.tsx";
import { RowSkeletons } from "#ui/row-skeletons.tsx";

export default function Loading() {
  return (
    <div className="skeletons">
      <PageTitle>Account</PageTitle>
      <RowSkeletons label="Loading your account" />
    </div>
  );
}
